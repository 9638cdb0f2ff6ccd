export interface ContainerServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A Postgres from a container; undefined where no Docker engine answers. */
export async function startContainerServer(): Promise<ContainerServer | undefined> {
  // Loaded only here: testcontainers takes a while to load and looks for an engine as it does.
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import("testcontainers");
  try {
    await getContainerRuntimeClient();
  } catch {
    return undefined;
  }
  const container = await new GenericContainer("postgres:16-alpine")
    .withEnvironment({ POSTGRES_PASSWORD: "meridian" })
    .withExposedPorts(5432)
    // The image starts a first server to set itself up; only the second one stays.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  return {
    url: `postgres://postgres:meridian@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    async stop() {
      await container.stop();
    },
  };
}
