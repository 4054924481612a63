// Package modeltest holds tests of the whole library against models of it: random
// programs over repositories, with trouble on the way, are compared with maps of Go
// values that know nothing of DynamoDB (package internal/model).
//
// "make model" runs them for as long as one says. A failure is shrunk to its
// shortest program; the seed that it is told with makes it again.
package modeltest
