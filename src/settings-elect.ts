/** Settings of elections: of `elect`, and of `keep --elect`. Part of the one table in settings.ts. */
import { parseDuration, positive, text, topics, truth } from './parse-setting.ts';

export const electionSettings = {
  topic: {
    parse: topics,
    placeholder: 'NAME[,…]',
    fallback: [] as readonly string[],
    fallbackText: 'every topic',
    many: true,
    help: 'only partitions of these topics; * and ? stand for other characters; may be given more than once',
  },
  perBroker: {
    parse: positive,
    placeholder: 'N',
    fallback: 5000,
    help: 'how many partitions a broker gets to lead at a time',
  },
  inSyncFor: {
    parse: parseDuration,
    placeholder: 'DURATION',
    fallback: 10_000,
    fallbackText: '10s',
    help: 'how long a replica that was seen out of sync must have been in sync before it leads',
  },
  elect: {
    parse: truth,
    placeholder: undefined,
    fallback: false,
    help: "once this broker's replicas are in sync, have it elected where it should lead",
  },
  unclean: {
    parse: truth,
    placeholder: undefined,
    fallback: false,
    help: 'give a leader to partitions that have none although it lacks messages, which are lost: asks you to type it',
  },
  confirm: {
    parse: text,
    placeholder: 'TEXT',
    fallback: undefined,
    help: 'what --unclean would have you type, where nobody can type',
  },
} as const;
