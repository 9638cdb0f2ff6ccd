import { createMemoryStore } from "@meridian/store";
import { describeLongLists } from "./testing/long-lists.ts";
import { clock } from "./testing/test-api.ts";

describeLongLists("memory", 20_000, async () => createMemoryStore({ clock }));
