-- Which secrets the pseudonyms of this schema were made with: under another one
-- nobody would be found any more, and nobody told so.
CREATE TABLE keyed (
	variable text PRIMARY KEY,
	fingerprint text NOT NULL -- of the key; says nothing about it
);
