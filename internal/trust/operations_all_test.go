package trust_test

// operations are those of the library, by their exported names.
var operations = map[string]operation{}
