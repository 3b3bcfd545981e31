-- What is withdrawn, or merged into a case that is counted itself, is not waited for
-- any more. Figures that were counted before: README.md "Counting anew".
UPDATE indicator SET numerator = 'appeals resolved, neither withdrawn nor merged',
	denominator = 'appeals registered, neither withdrawn nor merged'
WHERE code = 'resolution_rate';
