export { researchSession } from './session.ts';
