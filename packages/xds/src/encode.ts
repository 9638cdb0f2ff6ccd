import { deltaResponseBody, discoveryResponseBody, type ProxyPatch, type TypeUrl, withNonce } from "@meridian/envoy";
import type { Response, ResponsePart } from "./state.ts";

type BodyKey = `${ResponsePart} ${TypeUrl}`;

/** Makes the bytes of responses; one encoder serves all streams of a control plane. */
export class ResponseEncoder {
  readonly #controlPlaneId: string;
  /** Bodies of the steps that many streams take, made for the first stream and dropped with the patch. */
  readonly #sharedBodies = new WeakMap<ProxyPatch, Map<BodyKey, Uint8Array>>();

  constructor(controlPlaneId: string) {
    this.#controlPlaneId = controlPlaneId;
  }

  /** Only the nonce differs between streams that take the same step. */
  encode(mode: "delta" | "sotw", response: Response): Uint8Array {
    return withNonce(mode === "delta" ? this.#deltaBody(response) : this.#sotwBody(response), response.nonce);
  }

  #sotwBody({ typeUrl, resources, nonce }: Response): Uint8Array {
    // Envoy only shows the version in its stats: what it holds is said by nonces.
    return discoveryResponseBody({ typeUrl, resources, versionInfo: nonce, controlPlaneId: this.#controlPlaneId });
  }

  #deltaBody(response: Response): Uint8Array {
    if (!response.shared) return this.#makeDeltaBody(response);
    const { patch, part } = response.shared;
    const key: BodyKey = `${part} ${response.typeUrl}`;
    const bodies = this.#sharedBodies.get(patch) ?? new Map<BodyKey, Uint8Array>();
    this.#sharedBodies.set(patch, bodies);
    const body = bodies.get(key) ?? this.#makeDeltaBody(response);
    bodies.set(key, body);
    return body;
  }

  #makeDeltaBody({ typeUrl, resources, removed }: Response): Uint8Array {
    const controlPlaneId = this.#controlPlaneId;
    // Generations are counted per proxy, so none is named: the body would no longer be the same for all.
    return deltaResponseBody({ typeUrl, resources, removedNames: removed, systemVersionInfo: "", controlPlaneId });
  }
}
