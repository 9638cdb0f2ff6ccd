export type { BootstrapHandler, BootstrapHttpRequest, BootstrapHttpResponse } from "./data-plane-http.ts";
export { type DataPlaneServer, type DataPlaneServerOptions, dataPlaneGrpcOptions, serveDataPlane } from "./data-plane-server.ts";
export {
  type Complaint,
  type Nack,
  type ProxyBinding,
  type ProxyRegistry,
  type ProxyStream,
  type StreamHello,
  StreamRefused,
  type StreamStatus,
} from "./ports.ts";
export { type AdsService, type AdsServiceOptions, createAdsService } from "./service.ts";
