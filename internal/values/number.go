package values

import "math/big"

// Canonical returns the one text of a number, however it is written.
func Canonical(n string) string {
	digits := n
	if len(n) > 1 && n[0] == '-' {
		digits = n[1:]
	}
	plain := digits != "" && (digits[0] != '0' || n == "0")
	for i := range len(digits) {
		plain = plain && '0' <= digits[i] && digits[i] <= '9'
	}
	if plain {
		return n
	}
	r, ok := new(big.Rat).SetString(n)
	if !ok {
		return n
	}
	return r.RatString()
}
