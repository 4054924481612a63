//go:build race

package codec_test

// poolDrops is what a pool costs under the race detector, which drops what is
// given back at random.
const poolDrops = 20
