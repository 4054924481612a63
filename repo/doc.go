// Package repo reads and writes the items of a Go type in DynamoDB: by key, in
// batches, and by queries that are lazily paginating range-over-func iterators.
//
// [Open] or [NewDB] makes a [DB], [New] a [Repo] of a type from a [Spec], which
// declares keys and indexes once. Neither sends anything.
//
// # Writes
//
// Each write names its intent: [Repo.Create] must not find an item of the key,
// [Repo.Put] replaces whatever is there, [Repo.Save] writes an item that was
// loaded, guarded by its version if the model has a lock, [Repo.Update] changes
// attributes of an item that is there, [Repo.Delete] removes by key and
// [Repo.Destroy] removes an item that was loaded. What a write sets in memory
// (version, timestamps, composite keys that have a field) is set in the
// caller's item once the write has succeeded, and not otherwise.
//
// The SDK sends a request again when its answer is lost. A write under a condition
// that was done then meets itself: the item that is stored tells whether it was
// this one's, and the call succeeds. What can't be told is [ErrUnknown]. An Add
// that is sent again counts twice; [DB.Transact] carries a token by which DynamoDB
// tells the second sending. docs/errors.md has a table of what each verb reports
// (rule O4).
//
// # Queries
//
// A [Query] is a value: each method returns a new one, nothing is sent before
// it is ranged over, and it can be ranged over again. Conditions choose the
// request by the rules that [Query.Plan] names.
//
// # Limits of the service
//
// An item has at most 400 KB, a page 1 MB before filtering, a batch read 100
// keys and 16 MB; see
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html.
//
// # Errors
//
// Every operation returns an [*Error]. errors.Is finds the sentinels of this
// package, of lock, key, index, cond and iter, the context's errors, and
// errors.As the SDK's error beneath. No text of an error holds item data.
//
// Guides, in https://github.com/dynarepo/dynarepo/blob/main/docs:
// modelling.md, queries.md, writes.md, errors.md.
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package repo
