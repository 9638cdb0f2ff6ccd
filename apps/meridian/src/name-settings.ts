import { integerSetting, MeridianError, type SettingTable, type SettingType, textSetting } from "@meridian/base";
import type { ReconcilerOptions } from "@meridian/reconcile";
import { AddressPool, defaultVipNetworks } from "@meridian/services";

const networkSetting: SettingType<string> = {
  expects: "an IPv4 network such as 240.0.0.0/8",
  parse: (text) => {
    new AddressPool(text);
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

/** Addresses and host names of services; the peer's `KUMA_DNS_SERVER_*` and `KUMA_IPAM_*`. */
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
  meshServiceCidr: { type: networkSetting, default: defaultVipNetworks.MeshService, description: "addresses of MeshServices" },
  meshExternalServiceCidr: {
    type: networkSetting,
    default: defaultVipNetworks.MeshExternalService,
    description: "addresses of MeshExternalServices",
  },
  meshMultiZoneServiceCidr: {
    type: networkSetting,
    default: defaultVipNetworks.MeshMultiZoneService,
    description: "addresses of MeshMultiZoneServices",
  },
} satisfies SettingTable;

export interface NameValues {
  readonly dnsCidr: string;
  readonly dnsDomain: string;
  readonly dnsServicePort: number;
  readonly meshServiceCidr: string;
  readonly meshExternalServiceCidr: string;
  readonly meshMultiZoneServiceCidr: string;
}

/** Where the addresses of services come from. @throws MeridianError OVERLAPPING_NETWORKS: an address could be given to two. */
export function addressesOf(values: NameValues): Required<Pick<ReconcilerOptions, "names" | "vipNetworks">> {
  const networks = {
    "--dns-cidr": values.dnsCidr,
    "--mesh-service-cidr": values.meshServiceCidr,
    "--mesh-external-service-cidr": values.meshExternalServiceCidr,
    "--mesh-multi-zone-service-cidr": values.meshMultiZoneServiceCidr,
  };
  const pools = Object.entries(networks).map(([flag, cidr]) => ({ text: `${flag} ${cidr}`, pool: new AddressPool(cidr) }));
  pools.forEach(({ text, pool }, index) => {
    const other = pools.slice(index + 1).find((each) => each.pool.overlaps(pool));
    if (other) throw new MeridianError("OVERLAPPING_NETWORKS", `${text} and ${other.text} have addresses in common`);
  });
  return {
    names: { domain: values.dnsDomain, port: values.dnsServicePort, network: values.dnsCidr },
    vipNetworks: {
      MeshService: values.meshServiceCidr,
      MeshExternalService: values.meshExternalServiceCidr,
      MeshMultiZoneService: values.meshMultiZoneServiceCidr,
    },
  };
}
