package key

import (
	"math"
	"strconv"
	"strings"
)

const upperHex = "0123456789ABCDEF"

func escapable(c byte, delim string) bool { return c == '%' || strings.IndexByte(delim, c) >= 0 }

// appendEscaped appends s with '%' and every byte of delim as '%' and two
// upper-case hex digits.
func appendEscaped(b []byte, s, delim string) []byte {
	start := 0
	for i := range len(s) {
		if c := s[i]; escapable(c, delim) {
			b = append(b, s[start:i]...)
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
			start = i + 1
		}
	}
	return append(b, s[start:]...)
}

// unescape reverts appendEscaped. ok is false for a text that it never writes.
func unescape(s, delim string) (text string, ok bool) {
	if strings.ContainsAny(s, delim) {
		return "", false
	}
	at := strings.IndexByte(s, '%')
	if at < 0 {
		return s, true
	}
	b := make([]byte, 0, len(s))
	for ; at >= 0; at = strings.IndexByte(s, '%') {
		if len(s) < at+3 {
			return "", false
		}
		hi, lo := strings.IndexByte(upperHex, s[at+1]), strings.IndexByte(upperHex, s[at+2])
		if hi < 0 || lo < 0 || !escapable(byte(hi<<4|lo), delim) {
			return "", false
		}
		b = append(append(b, s[:at]...), byte(hi<<4|lo))
		s = s[at+3:]
	}
	return string(append(b, s...)), true
}

// sortableLen is the sign, '0' or '1', and as many digits as 2^63 has.
const sortableLen = 20

func appendSortable(b []byte, n int64) []byte {
	sign, u := byte('1'), uint64(n)
	if n < 0 {
		sign, u = '0', u-1<<63
	}
	start := len(b)
	b = append(b, "00000000000000000000"...)
	b[start] = sign
	for i := len(b) - 1; u > 0; i-- {
		b[i] = byte('0' + u%10)
		u /= 10
	}
	return b
}

func parseSortable(s string) (n int64, ok bool) {
	if len(s) != sortableLen || s[0] != '0' && s[0] != '1' {
		return 0, false
	}
	u, err := strconv.ParseUint(s[1:], 10, 64)
	if err != nil || u > math.MaxInt64 {
		return 0, false
	}
	if s[0] == '0' {
		return int64(u) + math.MinInt64, true
	}
	return int64(u), true
}

// parseInt accepts what strconv.AppendInt writes and nothing else.
func parseInt(s string) (n int64, ok bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || digits[0] < '1' && s != "0" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
