/** kill -9 beside a real control plane: of control alone, and of everything, after which rollouts go on where they were. */

import { afterAll } from 'vitest';
import { describeCrashes } from '../e2e/describe-crashes.ts';
import { killControl, killEverything } from '../e2e/victims.ts';
import { World } from '../support/world.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';

let plane: ControlPlane | undefined;
afterAll(() => plane?.stop());

describeCrashes('what is killed beside a real control plane comes back, and the release is promoted', {
  victims: { control: killControl, everything: killEverything },
  start: async () => {
    plane = await startControlPlane();
    return World.start({ apiServer: plane.kubeconfigPath });
  },
});
