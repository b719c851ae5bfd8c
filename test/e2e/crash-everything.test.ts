/** kill -9 of everything, and `sluice up` again: pods lived on, rollouts go on where they were. */

import { describeCrashes } from './describe-crashes.ts';
import { killEverything } from './victims.ts';

describeCrashes('everything is started again, and the release is promoted', {
  victims: { everything: killEverything },
});
