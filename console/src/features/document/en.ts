/** What is said about API documents. */
export const en = {
  'document.title': 'API document',
  'document.lead': 'What is live of this stage, for those who call it: no backends, no plugins.',
  'document.none': 'Nothing is live yet',
  'document.noneHint': 'Deploy the stage: its API document is that of the live deployment.',
  'document.toChanges': 'To the changes',
  'document.public': 'Everybody may read it',
  'document.publicHint': 'Without a login, at the address below. It holds at once.',
  'document.private': 'Only those who may read the service see it.',
  'document.address': 'Public address',
  'document.download': 'Download (OpenAPI 3.1)',
  'document.region': 'API document',
  'document.notPublic': 'There is no such document, or it is not public',
  'document.notPublicHint': 'Ask whoever runs the API to make its document public.',
} as const
