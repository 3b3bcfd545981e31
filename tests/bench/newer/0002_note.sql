-- What the next version keeps besides; the one before does not know of it.
ALTER TABLE bench_row ADD COLUMN note text NOT NULL DEFAULT '';
