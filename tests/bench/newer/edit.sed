# The messages of the next version: what a later release may do, a field more.
/^message PutRequest {/a\
	string note = 15;
/^message PutDone {/a\
	string note = 15;
