/** Why a call from a renderer was refused, or a call came at the wrong moment. */
export const ipcCodes = {
  IPC_FORBIDDEN: { retriable: false, summary: 'This page may not control updates.' },
  IPC_BAD_REQUEST: { retriable: false, summary: 'The call has the wrong form.' },
  IPC_RATE_LIMITED: { retriable: true, summary: 'Too many calls.' },
  IPC_DISCONNECTED: { retriable: true, summary: 'The update manager does not answer.' },
  MANAGER_WRONG_STATE: { retriable: false, summary: 'This is not possible right now.' },
  MANAGER_CRITICAL: { retriable: false, summary: 'A critical update cannot be skipped.' },
  MANAGER_POLICY: { retriable: false, summary: 'The administrator of this device decides that.' },
  MANAGER_UNEXPECTED: { retriable: true, summary: 'Something unexpected went wrong.' },
} as const;
