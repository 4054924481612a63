// Package wire carries items between values and the bodies of DynamoDB's
// requests and answers, past the SDK's attribute values.
//
// It feeds the SDK and does not replace it: a middleware takes the items out of
// an answer before the SDK's deserializer sees it, another puts items into a
// request behind the SDK's serializer. Signing, retries, checksums, error
// types, metadata and all other members stay the SDK's business. What the SDK
// returns has its counts, keys and capacities, and empty items.
//
// Where the middleware can't do its work, the standard path stands:
//
//   - A client that does not apply the options of a call leaves [Sink.Used]
//     false, and the SDK's output holds the items.
//   - So does a client whose middleware stack is not as expected.
//   - An answer that is not in a form that is known here goes to the SDK as it
//     came.
//   - Requests are written this way only through a client that applies the
//     options of a call for certain, see [Direct].
package wire
