-- What lists are asked for, of rows that were written when first_response was the only clock.
UPDATE appeal SET breached = first_response = 3,
	next_due = CASE WHEN first_response = 1 THEN first_response_due END
WHERE more IS NULL AND first_response IN (1, 3);
