// Package dynarepo is the landing page of a library of generic repositories
// for Amazon DynamoDB: keys and indexes declared once, queries as lazily
// paginating range-over-func iterators with exact limits and cursors.
//
// Start with package repo; key, index and cond declare what it works on, and
// iter (imported as dyniter) holds pages, limits and cursors. The guides are in the
// directory docs, and repo_test.go is a tour.
package dynarepo
