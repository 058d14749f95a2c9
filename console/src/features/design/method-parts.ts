/** The editors of the parts of a method, loaded together when somebody looks at one of them: with all the fields that they are made of. */

export { AboutPart } from './about-part.tsx'
export { BackendPart } from './backend-part.tsx'
export { BodyPart } from './body-part.tsx'
export { ParametersPart } from './parameters-part.tsx'
export { ResponsesPart } from './responses-part.tsx'
