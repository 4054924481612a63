//go:build !race

package codec_test

const poolDrops = 0
