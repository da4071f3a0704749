-- The table that kamelet:unshub-sql-sink writes to unless it is told another statement; PostgreSQL.
CREATE TABLE readings (
  topic      text        NOT NULL,
  ts_utc     timestamptz NOT NULL,
  message_id varchar(36) NOT NULL,
  -- the value where it is a number, with all its digits
  number     numeric,
  -- the value as text; null where it is null
  text       text,
  quality    varchar(16) NOT NULL,
  units      text        NOT NULL,
  -- the whole reading, as it was published
  payload    text        NOT NULL,
  -- finds a topic's readings by time, and keeps a second copy of one out
  PRIMARY KEY (topic, ts_utc, message_id)
);
