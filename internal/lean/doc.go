// Package lean sends the first attempt of a request itself, with the parts that
// the user's own client of the SDK is made of, and hands whatever is not a clean
// answer to the SDK as the answer of its first attempt.
//
// The SDK builds some 25 middlewares for each call, clones the request and copies
// its options; none of that is needed for an answer that is well. Where it is not,
// the SDK's retries, error types, clock skew and all that it learns later apply,
// since for the SDK the attempt was its own (ADR 19).
//
// It is used only where nobody can tell the difference: see [New]. What a request
// looks like is learned from the SDK and not guessed.
package lean
