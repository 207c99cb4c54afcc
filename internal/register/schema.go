package register

// migrations are the schema's steps in order, in the SQL both databases take;
// {key} is the one type that differs. A step is never changed after a release.
//
// Every column of the first step's tables is bound by a leaf or recomputed by
// Verify; the tables of later steps are operational state.
var migrations = []string{
	`CREATE TABLE entry (
  org bigint NOT NULL, id text NOT NULL, version bigint NOT NULL, register text NOT NULL,
  seq bigint NOT NULL, at bigint NOT NULL, actor text NOT NULL, reason text NOT NULL,
  salt bytea NOT NULL, body text,
  PRIMARY KEY (org, id, version));
CREATE UNIQUE INDEX entry_seq ON entry (org, seq);
CREATE INDEX entry_asof ON entry (org, register, id, seq);
CREATE TABLE current (
  k {key} PRIMARY KEY, org bigint NOT NULL, register text NOT NULL, id text NOT NULL, version bigint NOT NULL,
  seq bigint NOT NULL, at bigint NOT NULL, code text NOT NULL, title text NOT NULL,
  status text NOT NULL, owner text NOT NULL, due bigint NOT NULL,
  period_from bigint NOT NULL, period_to bigint NOT NULL);
CREATE UNIQUE INDEX current_id ON current (org, id);
CREATE INDEX current_page ON current (org, register, k);
CREATE INDEX current_status ON current (org, register, status, k);
CREATE INDEX current_period ON current (org, register, period_to, status, k);
CREATE INDEX current_code ON current (org, register, code, k);
CREATE TABLE link (
  from_k bigint NOT NULL, rel smallint NOT NULL, to_k bigint NOT NULL,
  since bigint NOT NULL, until bigint NOT NULL);
CREATE UNIQUE INDEX link_fwd ON link (from_k, rel, to_k, since);
CREATE INDEX link_back ON link (to_k, rel, from_k, until);
CREATE TABLE blob_ref (
  org bigint NOT NULL, sha256 text NOT NULL, id text NOT NULL, version bigint NOT NULL,
  PRIMARY KEY (org, sha256, id, version));
CREATE TABLE leaf (org bigint NOT NULL, idx bigint NOT NULL, id text NOT NULL,
  version bigint NOT NULL, at bigint NOT NULL, record bytea NOT NULL, PRIMARY KEY (org, idx));
CREATE TABLE node (org bigint NOT NULL, pos bigint NOT NULL, hash bytea NOT NULL, PRIMARY KEY (org, pos));
CREATE TABLE head (org bigint PRIMARY KEY, size bigint NOT NULL, root bytea NOT NULL);
CREATE TABLE checkpoint (org bigint NOT NULL, size bigint NOT NULL, note text NOT NULL, PRIMARY KEY (org, size));
`,
	`CREATE TABLE credential (
  org bigint NOT NULL, account text NOT NULL, hash text NOT NULL, changed_at bigint NOT NULL,
  PRIMARY KEY (org, account));
CREATE TABLE session (
  org bigint NOT NULL, token bytea NOT NULL, account text NOT NULL,
  created_at bigint NOT NULL, seen_at bigint NOT NULL, expires_at bigint NOT NULL,
  PRIMARY KEY (org, token));
CREATE INDEX session_account ON session (org, account);
CREATE TABLE attempt (
  org bigint NOT NULL, subject text NOT NULL, failures bigint NOT NULL, last_at bigint NOT NULL,
  PRIMARY KEY (org, subject));
`,
}

// noEnd is link.until while the link holds.
const noEnd = int64(1<<63 - 1)

// org is the organisation's number. One data directory holds one organisation
// today; the number is in every key so that more can share a database.
const org = int64(1)

// keyOf is the integer key of an entry: its organisation and the ledger index of
// its first version. It never changes and can be recomputed.
func keyOf(seq int64) int64 { return org<<40 | seq }
