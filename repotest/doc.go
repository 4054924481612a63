// Package repotest is for the tests of programs that use this library: a real
// engine, bounds on requests, plans kept in files, items from files, and trouble.
//
//	func TestInbox(t *testing.T) {
//		t.Parallel()
//		db := repotest.DB(t)
//		notes := newNotes(db)
//		repotest.Create(t, notes)
//		repotest.Fixtures(t, notes, "testdata/notes.json")
//
//		end := repotest.Budget(t, db, repotest.Requests(2), repotest.NoScan())
//		...
//		end()
//	}
//
// The engine is DynamoDB Local, AWS's own, which [DB] starts as a child process
// of the test binary: once, when the first test asks for it. It ends with the
// binary, however that ends. It needs Java 17 or newer, and a POSIX shell; where
// something is missing, the test fails and names the command that brings it:
//
//	go run github.com/dynarepo/dynarepo/repotest/setup
//
// Where the environment variable DYNAREPO_ENDPOINT holds the URL of an engine that
// runs already, such as "http://127.0.0.1:8000", that one is used, and nothing is
// started. Never name AWS's own endpoint: credentials are made up.
//
// https://github.com/dynarepo/dynarepo/blob/main/docs/testing.md
package repotest
