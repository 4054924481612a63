package codec

import (
	"reflect"
	"time"
)

// checkTime tells why v, of a kTime, can't be stored, or nil.
func checkTime(n *node, v reflect.Value) error {
	if n.unix {
		return nil
	}
	t := timeOf(v)
	if !n.tag.SDKTime {
		t = t.UTC()
	}
	if y := t.Year(); y < 0 || y > 9999 {
		return &Error{Rule: "a time as text is of the years 0 to 9999", Err: ErrKind}
	}
	return nil
}

// appendTime appends t as text whose order is that of time: in UTC, with nine
// digits of nanoseconds, such as 2006-01-02T15:04:05.000000000Z.
func appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	dst = append(appendDigits(dst, year, 4), '-')
	dst = append(appendDigits(dst, int(month), 2), '-')
	dst = append(appendDigits(dst, day, 2), 'T')
	dst = append(appendDigits(dst, hour, 2), ':')
	dst = append(appendDigits(dst, minute, 2), ':')
	dst = append(appendDigits(dst, second, 2), '.')
	return append(appendDigits(dst, t.Nanosecond(), 9), 'Z')
}

// appendDigits appends n, which is not negative, in a number of digits.
func appendDigits(dst []byte, n, digits int) []byte {
	dst = append(dst, "000000000"[:digits]...)
	for i := len(dst) - 1; n > 0; i-- {
		dst[i] = '0' + byte(n%10)
		n /= 10
	}
	return dst
}

func timeOf(v reflect.Value) time.Time {
	if v.Type() == timeType && v.CanAddr() {
		return *v.Addr().Interface().(*time.Time)
	}
	return v.Convert(timeType).Interface().(time.Time)
}
