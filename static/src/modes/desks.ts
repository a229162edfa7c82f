/// The modes of the data-protection officer, of the administration, and of what the law asks of the coordination.
import { enterAccounts } from './accounts';
import { enterAudit } from './audit';
import type { ModeEntry } from './context';
import { enterInforming } from './informing';
import { enterRegister } from './register';
import { enterRetention } from './retention';
import { enterRights } from './rights';

export const deskModes: readonly ModeEntry[] = [
  { name: 'rights', roles: ['dpo'], icon: 'rights', enter: enterRights },
  { name: 'informing', roles: ['coordination', 'dpo'], icon: 'informing', enter: enterInforming },
  { name: 'audit', roles: ['dpo'], icon: 'audit', enter: enterAudit },
  { name: 'retention', roles: ['coordination', 'dpo'], icon: 'retention', enter: enterRetention },
  { name: 'register', roles: ['dpo'], icon: 'register', enter: enterRegister },
  { name: 'accounts', roles: ['administration'], icon: 'accounts', enter: enterAccounts },
];
