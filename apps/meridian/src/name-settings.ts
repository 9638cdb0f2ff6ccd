import { integerSetting, type SettingTable, type SettingType, textSetting } from "@meridian/base";
import { AddressPool, defaultVipNetworks } from "@meridian/services";

/** An address that both could give would be two names'. */
const taken = Object.values(defaultVipNetworks);

const networkSetting: SettingType<string> = {
  expects: `an IPv4 network such as 240.0.0.0/8, outside of ${taken.join(", ")}`,
  parse: (text) => {
    const pool = new AddressPool(text);
    const clash = taken.find((network) => pool.overlaps(new AddressPool(network)));
    if (clash !== undefined) throw new Error(`${text} has addresses of ${clash}`);
    return text;
  },
};

const portSetting: SettingType<number> = {
  expects: "a port in 1..65535",
  parse: (text) => {
    const port = integerSetting.parse(text);
    if (port < 1 || port > 65_535) throw new Error("");
    return port;
  },
};

/** Host names of services that are known by their tags; the peer's `KUMA_DNS_SERVER_*`. */
export const nameSettings = {
  dnsCidr: {
    type: networkSetting,
    default: "240.0.0.0/8",
    description: "addresses of host names: of services by tags, ExternalServices and VirtualOutbounds",
  },
  dnsDomain: { type: textSetting, default: "mesh", description: "services by tags are called SERVICE.DOMAIN" },
  dnsServicePort: {
    type: portSetting,
    default: 80,
    description: "port of SERVICE.DOMAIN, whatever the ports of its instances",
  },
} satisfies SettingTable;
