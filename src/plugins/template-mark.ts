/** The mark of a setting that is a template: forms offer the context variables for it. */
export const TEMPLATE_MARK = 'x-template'
