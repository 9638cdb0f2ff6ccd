export { type CaOptions, generateCa, inspectCa, type KeyPair } from "./ca.ts";
export {
  checkDataplaneToken,
  checkZoneToken,
  type DataplaneIdentity,
  type DataplaneTokenOptions,
  dataplaneClaims,
  type ProxyTokenType,
  userClaims,
  type ZoneIdentity,
  zoneClaims,
} from "./claims.ts";
export { PkiError } from "./errors.ts";
export { generateSigningKey, publicKeyPem } from "./keys.ts";
export { createLeafIssuer, type Leaf, type LeafIssuer, type LeafOptions } from "./leaf.ts";
export { generateServerCertificate, type ServerCertificateOptions } from "./server-certificate.ts";
export {
  type Claims,
  type SignTokenOptions,
  signToken,
  type TokenVerification,
  type VerificationKeys,
  verifyToken,
} from "./tokens.ts";
