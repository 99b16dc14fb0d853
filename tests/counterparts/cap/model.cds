// Pilots as a supplier keeps them, in the properties that the connector writes; each with a version
// for conditional writes.
entity db.Results {
  key innohub_key  : String(40);
  innohub_revision : Integer;
  event            : String(60);
  occurred_at      : Timestamp;
  pilot            : String(200);
  technology       : String(200);
  force            : String(200);
  site             : String(200);
  indicator        : String(200);
  starts_on        : Date;
  ends_on          : Date;
  published_at     : Timestamp;
  verdict          : String(40) @assert.format: '^[a-z ]*$';
  grade            : Integer;
  effect           : Double;
  lower            : Double;
  upper            : Double;
  scale            : String(40);
  unit             : String(40);
  harm_signal      : Boolean;
  decision         : String(40);
  stop_reason      : String(200);
  finding          : LargeString;
  ours             : String(200); // The supplier's own; the hub knows nothing of it.
  changed_at       : Timestamp @odata.etag @cds.on.insert: $now @cds.on.update: $now;
}

@path: '/odata'
@requires: 'any'
@cds.query.limit: { default: 2, max: 2 }
service Store {
  entity Results as projection on db.Results;
}
