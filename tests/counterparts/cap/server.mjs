// SAP CAP on loopback: an OData v4 service that judges keys, versions and values by itself.
//
// Reads {folder, port, upsert} as JSON. Around CAP, requests and answers are noted as they pass, for
// GET /seen; POST /lose has the answers to so many writes never leave, though CAP did what they
// asked; POST /empty forgets everything.
import { text } from 'node:stream/consumers';
import cds from '@sap/cds';
import express from 'express';

const setup = JSON.parse(await text(process.stdin));
cds.root = setup.folder;
cds.env.runtime.patch_as_upsert = setup.upsert;
cds.env.requires.db = { kind: 'sqlite', impl: '@cap-js/sqlite', credentials: { url: ':memory:' } };
cds.env.requires.auth = { kind: 'dummy' };

let seen = [];
let losing = 0;
const app = express();
app.get('/seen', (request, response) => response.json(seen));
app.post('/lose', (request, response) => {
  losing = Number(request.query.times);
  response.end();
});
app.post('/empty', async (request, response) => {
  await cds.run(DELETE.from('Store.Results'));
  seen = [];
  losing = 0;
  response.end();
});
app.use((request, response, next) => {
  const noted = { method: request.method, url: request.originalUrl, headers: request.headers };
  const asked = [];
  const answered = [];
  request.on('data', (part) => asked.push(part));
  const { write, end } = response;
  response.write = (part, ...rest) => {
    answered.push(Buffer.from(part));
    return write.call(response, part, ...rest);
  };
  response.end = (part, ...rest) => {
    if (part && typeof part !== 'function') answered.push(Buffer.from(part));
    seen.push({
      ...noted,
      asked: Buffer.concat(asked).toString(),
      status: response.statusCode,
      answered: response.getHeaders(),
      answer: Buffer.concat(answered).toString(),
    });
    if (losing > 0 && request.method !== 'GET') {
      losing -= 1;
      return request.socket.destroy();
    }
    return end.call(response, part, ...rest);
  };
  next();
});

const model = await cds.load(`${setup.folder}/model.cds`);
cds.model = cds.compile.for.nodejs(model);
cds.db = await cds.connect.to('db');
await cds.deploy(model).to(cds.db);
cds.app = app;
await cds.serve('all').from(model).in(app);
app.listen(setup.port, '127.0.0.1');
