/** Where a broker's listener is. */

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** `HOST:PORT[,…]`, IPv6 in brackets. */
export const parseAddresses = (text: string): BrokerAddress[] =>
  text.split(',').map((entry) => {
    const colon = entry.lastIndexOf(':');
    const host = entry
      .slice(0, colon)
      .trim()
      .replace(/^\[(.*)\]$/, '$1');
    return { host, port: Number(entry.slice(colon + 1)) };
  });

export const formatAddress = ({ host, port }: BrokerAddress): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
