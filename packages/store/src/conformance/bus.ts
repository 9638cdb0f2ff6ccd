import { describe, expect, it, vi } from "vitest";
import type { StoreUnderTest } from "./samples.ts";

export function describeBus(test: StoreUnderTest): void {
  describe("the bus", () => {
    it("delivers to each own subscriber of the topic once, until it unsubscribes", async () => {
      const { bus } = test.store;
      const heard: string[] = [];
      const listen = (payload: string): void => void heard.push(payload);
      const endFirst = bus.subscribe("proxies", listen);
      const endSecond = bus.subscribe("proxies", listen);
      bus.subscribe("other", () => heard.push("wrong topic"));
      await bus.publish("proxies", "1");
      await vi.waitFor(() => expect(heard).toEqual(["1", "1"]), 20_000);
      endFirst();
      endFirst();
      await bus.publish("proxies", "zwei ✓\n2");
      await vi.waitFor(() => expect(heard).toEqual(["1", "1", "zwei ✓\n2"]), 20_000);
      endSecond();
      const marker = new Promise<void>((resolve) => void bus.subscribe("marker", () => resolve()));
      await bus.publish("proxies", "3");
      await bus.publish("marker", "");
      await marker;
      expect(heard).toHaveLength(3);
    });

    it("takes 7,500 bytes, not more", async () => {
      const { bus } = test.store;
      const heard = new Promise<string>((resolve) => void bus.subscribe("big", resolve));
      await bus.publish("big", "x".repeat(7500));
      expect(await heard).toHaveLength(7500);
      await expect(bus.publish("big", "é".repeat(3751))).rejects.toThrow(RangeError);
    });
  });
}
