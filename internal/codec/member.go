package codec

// AppendString appends to dst, an item in DynamoDB's JSON with one attribute or
// more, another attribute, a string.
func AppendString(dst []byte, name, value string) []byte {
	dst = append(dst[:len(dst)-1], ',')
	dst = appendText(dst, name)
	dst = append(dst, `:{"S":`...)
	dst = appendText(dst, value)
	return append(dst, `}}`...)
}
