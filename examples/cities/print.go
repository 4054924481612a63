package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
)

func (d *demo) printf(format string, args ...any) { fmt.Fprintf(d.out, format, args...) }

func (d *demo) title(format string, args ...any) {
	d.printf("\n%s\n", fmt.Sprintf(format, args...))
}

func (d *demo) cities(cities []City) {
	var rows [][]string
	for _, c := range cities {
		rows = append(rows, []string{c.Name, c.Country + "/" + c.Division, fmt.Sprintf("%10s", grouped(c.Population)), fmt.Sprintf("%.2f, %.2f", c.Latitude, c.Longitude)})
	}
	d.table([]string{"NAME", "DIVISION", "POPULATION", "LATITUDE, LONGITUDE"}, rows)
}

func (d *demo) table(header []string, rows [][]string) {
	w := tabwriter.NewWriter(d.out, 0, 0, 3, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		fmt.Fprintln(w, "  "+strings.Join(row, "\t"))
	}
	_ = w.Flush() // as with every print here, an answer counts and not its show
}

// grouped returns n with a comma between groups of three digits.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

const (
	barWidth  = 40
	lineEvery = 5000 // cities between two plain lines
)

// progress shows how many of total are done: a bar on a terminal, else a line
// now and then. It is called after each batch.
func (d *demo) progress(done, total int) {
	text := fmt.Sprintf("%s of %s", grouped(done), grouped(total))
	switch {
	case d.terminal:
		full := barWidth * done / total
		d.printf("\r  [%s%s] %s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), text)
		if done == total {
			d.printf("\n")
		}
	case done%lineEvery == 0 || done == total:
		d.printf("  %s\n", text)
	}
}

// isTerminal tells whether what is written to w is seen as it comes.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
