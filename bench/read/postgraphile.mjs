// PostGraphile on the schema `served`. Copied beside its node_modules by servers.py.
// DATABASE_URL, PORT, POOL: the database, the port of 127.0.0.1, connections to the database.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const preset = {
  extends: [PostGraphileAmberPreset],
  // Views have no indexes of their own, and so would be taken for too slow to order and join by.
  disablePlugins: ["PgIndexBehaviorsPlugin", "MutationPlugin"],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["served"],
      poolConfig: { max: Number(process.env.POOL) },
    }),
  ],
  schema: { dontSwallowErrors: true },
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false, websockets: false },
  grafast: { explain: false },
};

const instance = postgraphile(preset).createServ(grafserv);
const server = createServer();
await instance.addTo(server);
if (process.env.PRINT_SCHEMA) {
  const { printSchema } = await import("postgraphile/graphql");
  console.log(printSchema(await instance.getSchema()));
}
server.listen(Number(process.env.PORT), "127.0.0.1");
