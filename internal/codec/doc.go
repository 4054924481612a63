// Package codec turns items into values of a planned struct type and back: to
// and from map[string]types.AttributeValue, and to and from the JSON that
// DynamoDB speaks, with no attribute value in between.
//
// The stored form is that of the SDK's attributevalue package
// (https://pkg.go.dev/github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue),
// apart from these points:
//
//   - A type with a text or a binary marshaler whose value would be lost by that
//     form, as that of a struct with unexported fields, is stored as its
//     marshaler says: as with attributevalue's encoding marshalers switched on.
//     So is one with the option text of the tag dynarepo, and an element of a
//     string set. Text is read where a type has an unmarshaler for it.
//   - An empty or nil set is left out, since DynamoDB has none (rule F7); the
//     option nullempty stores NULL instead.
//   - Times are in the zone of the options, whatever zone they were stored in
//     (rule J3).
//   - time.Time is stored as RFC 3339 text in UTC with nine digits of
//     nanoseconds, which keeps the order of time, or, with the option unixtime,
//     as seconds. The option sdktime of the tag dynarepo is attributevalue's
//     form, which keeps no order.
//   - A field of type types.AttributeValue, or an interface that holds one, is
//     the raw value (rule J1).
//   - Elements of sets are decoded one by one, through the element's own
//     unmarshaler if it has one.
//   - Names of attributes match exactly, see package fields.
//   - The largest float32 is stored in digits that attributevalue can read.
//   - What DynamoDB does not take is an error before it is asked: NaN and the
//     infinities, a number out of its range or of more than 38 digits, a set
//     that holds an element twice.
//   - What can't be stored, such as a channel in an interface, is an error and
//     not left out; so is a value nested deeper than DynamoDB takes.
//   - Text that is not UTF-8, which the SDK changes in silence, is an error.
//
// Errors name types and attributes, never values.
//
// Rules: https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package codec
