import type * as Layer from "effect/Layer"
import * as RpcSerialization from "effect/rpc/RpcSerialization"

/**
 * Effect's binary format: bytes stay bytes. Frames have no maximum, because both sides have proved that they hold the
 * key and an item of any size is legitimate.
 *
 * @internal
 */
export const serialization: Layer.Layer<RpcSerialization.RpcSerialization> = RpcSerialization.layerSchemaBinary({
  maxFrameSize: "unbounded"
})
