/**
 * People, rights and the audit log, in a SQLite file beside that of the changes: they are written seldom and read by this thread, which must never wait for
 * the thread that writes changes.
 */
import Database from 'better-sqlite3'
import { migrate } from '../migrations.ts'

/** One step for each version of the tables, oldest first. A step that was released is never changed. */
export const migrations = [
  `
  create table people (
    key text primary key,
    name text not null,
    color integer,
    picture text,
    standing text not null check (standing in ('owner', 'member', 'guest')),
    joined_at integer not null,
    removed_at integer
  ) strict, without rowid;
  create table invites (
    id integer primary key,
    secret blob not null unique,
    standing text not null,
    uses_left integer not null,
    expires_at integer not null,
    made_by text,
    revoked_at integer
  ) strict;
  create table tickets (
    hash blob primary key,
    person text not null references people (key),
    expires_at integer not null,
    ends_at integer not null
  ) strict, without rowid;
  create index tickets_by_person on tickets (person);

  create table documents (id text primary key, owner text not null, put_at integer not null) strict, without rowid;
  create table grants (
    document text not null references documents (id),
    person text not null references people (key),
    role text not null check (role in ('viewer', 'commenter', 'editor')),
    granted_by text not null,
    granted_at integer not null,
    accepted_at integer,
    -- The link that it came by, and ends with.
    link integer references links (id),
    primary key (document, person)
  ) strict, without rowid;
  create index grants_by_person on grants (person);
  create table links (
    id integer primary key,
    document text not null references documents (id),
    secret blob not null,
    salt text not null,
    role text not null check (role in ('viewer', 'commenter', 'editor')),
    password text,
    expires_at integer,
    made_by text not null,
    made_at integer not null,
    revoked_at integer,
    unique (document, secret)
  ) strict;
  create index links_by_end on links (expires_at) where revoked_at is null and expires_at is not null;
  -- Which documents are the margin and the attachments of which text.
  create table parts (
    part text not null,
    whole text not null references documents (id),
    kind text not null check (kind in ('margin', 'attachment')),
    primary key (part, whole)
  ) strict, without rowid;
  create index parts_by_whole on parts (whole);
  -- Changes that somebody else than their author brought, by rows of the change graph.
  create table carried (
    document text not null,
    first_row integer not null,
    last_row integer not null,
    person text not null,
    at integer not null,
    primary key (document, first_row)
  ) strict, without rowid;

  create table audit (
    id integer primary key autoincrement,
    at integer not null,
    person text,
    address text,
    action text not null,
    subject text not null
  ) strict;
  create trigger audit_keeps before delete on audit begin select raise(abort, 'the audit log is append only'); end;
  create trigger audit_stays before update on audit begin select raise(abort, 'the audit log is append only'); end;
  `,
  `
  -- A key may be removed before it was ever here: then nothing is known of it but that.
  create table devices (
    person text not null,
    key text not null,
    name text not null,
    added_at integer not null,
    seen_at integer not null,
    removed_at integer,
    primary key (person, key)
  ) strict, without rowid;
  insert into devices select key, key, '', joined_at, joined_at, null from people;
  drop table tickets;
  create table tickets (
    hash blob primary key,
    person text not null references people (key),
    device text not null,
    expires_at integer not null,
    ends_at integer not null
  ) strict, without rowid;
  create index tickets_by_person on tickets (person);
  `,
  `
  -- What concerns each person, as JSON.
  create table feed (
    person text not null,
    id integer not null,
    at integer not null,
    concern text not null,
    primary key (person, id)
  ) strict, without rowid;
  `,
  `
  create index documents_by_owner on documents (owner);
  `,
  `
  -- Folders that their owners share, what is in them, and who may do what with all of it.
  create table folders (id text primary key, owner text not null, name text not null, shared_at integer not null) strict, without rowid;
  create index folders_by_owner on folders (owner);
  create table folder_documents (
    folder text not null references folders (id),
    document text not null references documents (id),
    primary key (folder, document)
  ) strict, without rowid;
  create index folder_documents_by_document on folder_documents (document);
  create table folder_grants (
    folder text not null references folders (id),
    person text not null references people (key),
    role text not null check (role in ('viewer', 'commenter', 'editor')),
    granted_by text not null,
    granted_at integer not null,
    accepted_at integer,
    primary key (folder, person)
  ) strict, without rowid;
  create index folder_grants_by_person on folder_grants (person);
  `,
  `
  -- The folders in it and what is where, as JSON: for the receivers' apps. Who may do what follows from folder_documents alone.
  alter table folders add column inner_folders text not null default '[]';
  `,
  `
  -- Who came by which link, beside what they were given by name: grants.link is of no use any more.
  create table link_grants (
    link integer not null references links (id),
    person text not null references people (key),
    granted_at integer not null,
    primary key (link, person)
  ) strict, without rowid;
  create index link_grants_by_person on link_grants (person);
  insert into link_grants select link, person, granted_at from grants where link is not null;
  delete from grants where link is not null;
  -- Every role in a document, however somebody came by it. A link that was taken back gives none.
  create view granted (document, person, role, granted_at, accepted_at, link) as
    select document, person, role, granted_at, accepted_at, null from grants
    union all
    select l.document, g.person, l.role, g.granted_at, g.granted_at, l.id from link_grants g join links l on l.id = g.link where l.revoked_at is null;
  -- Parts are of the owner of a text that they are part of.
  update documents set owner = (select w.owner from parts p join documents w on w.id = p.whole where p.part = documents.id limit 1)
    where id in (select part from parts)
    and owner not in (select w.owner from parts p join documents w on w.id = p.whole where p.part = documents.id);
  `,
  `
  -- Whose role an owner took back, and when: links from before do not let them in again.
  create table revoked (
    document text not null references documents (id),
    person text not null references people (key),
    at integer not null,
    primary key (document, person)
  ) strict, without rowid;
  `,
]

export const newestVersion = migrations.length

/**
 * Opens the file and brings its tables up to date. A commit is not flushed to the disk at once, so it can be lost in a
 * power cut, though not when the process is killed; what must not be goes through `durably`.
 */
export function openPeopleFile(file: string): Database.Database {
  const db = new Database(file, { timeout: 5_000 })
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.pragma('foreign_keys = ON')
  migrate(db, migrations, file)
  return db
}

/** Runs `write` in a transaction that is on the disk, with all before it, when this returns. */
export function durably<Result>(db: Database.Database, write: () => Result): Result {
  db.pragma('synchronous = FULL')
  try {
    return db.transaction(write)()
  } finally {
    db.pragma('synchronous = NORMAL')
  }
}
