/** Plugins have backends of their own, and stand below the model: so the schema is theirs. */
export {
  ActiveHealth,
  Backend,
  BackendConnections,
  BackendHealth,
  BackendProtocol,
  BackendTls,
  BackendUrl,
  Balancing,
  PassiveHealth,
  singleTarget,
} from '../plugins/backend.ts'
