package migrate_test

// childVariable makes this test binary a program that migrates.
const childVariable = "DYNAREPO_MIGRATE_TEST_CHILD"

func child() int { return 0 }
