/** Which broker's pod an advertised address means, for one who has to go to the pod itself. */
import { isLeaving, type FleetPod } from './fleet.ts';

/** By a pod's own address, or by the id at the end of a name's first label: `kafka-2.pets.svc`. */
export function podBehind(host: string, pods: readonly FleetPod[]): FleetPod | undefined {
  const byAddress = pods.find(({ ip }) => ip === host);
  if (byAddress) return byAddress;
  const id = /^[^.:]*?(\d+)(\.|$)/.exec(host)?.[1];
  const isAddress = /^[\d.]+$|:/.test(host);
  if (id === undefined || isAddress) return undefined;
  const [newest] = pods
    .filter(({ brokerId }) => brokerId === Number(id))
    .sort((a, b) => Number(isLeaving(a)) - Number(isLeaving(b)) || (b.generation ?? 0) - (a.generation ?? 0));
  return newest;
}
