/** What became of one partition. */
import type { PartitionName } from '../../domain/kafka-view.ts';

export interface PartitionResult extends PartitionName {
  readonly error: number;
  readonly message: string | null;
}
