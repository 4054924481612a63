package report

import (
	"errors"
	"image/color"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	_ "gonum.org/v1/plot/vg/vgsvg" // the format of the plot

	"github.com/dynarepo/dynarepo/bench/internal/peer"
)

// plotted are the benchmarks that the plot shows, as far as they were run.
var plotted = []string{
	"get", "put", "update", "query/1", "query/100", "query/1000", "scan/1000",
	"batchget/100", "batchwrite/25", "transact/10", "local/query/1000",
}

// ErrNothing says that there is nothing to plot.
var ErrNothing = errors.New("report: none of the benchmarks that are plotted was run")

// Plot writes the times relative to the SDK with attributevalue, as SVG.
func (r *Results) Plot(w io.Writer) error {
	var names []string
	series := []struct {
		name   string
		color  color.Color
		values plotter.Values
	}{
		{name: peer.Guregu, color: color.RGBA{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff}},
		{name: peer.SDK, color: color.RGBA{R: 0x99, G: 0x99, B: 0x99, A: 0xff}},
		{name: peer.Hand, color: color.RGBA{R: 0x56, G: 0xb4, B: 0xe9, A: 0xff}},
		{name: peer.Dynarepo, color: color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}},
	}
	for _, name := range slices.Backward(plotted) { // the first at the top
		one := r.line(name, peer.AttributeValue)
		if one == nil {
			continue
		}
		names = append(names, name)
		for i := range series {
			time := one.Ours.Time()
			if l := r.line(name, series[i].name); l != nil {
				time = l.Theirs.Time()
			}
			series[i].values = append(series[i].values, time/one.Theirs.Time())
		}
	}
	if len(names) == 0 {
		return ErrNothing
	}

	p := plot.New()
	p.BackgroundColor = color.White
	p.Title.Text = "Time relative to the SDK with attributevalue (= 1), less is faster"
	p.Title.Padding = vg.Points(6)
	p.X.Min = 0
	p.X.Tick.Marker = plot.TickerFunc(quarters)
	p.NominalY(names...)
	p.Y.Width, p.Y.Padding = 0, vg.Points(18) // room for wider fonts
	p.Legend.Top, p.Legend.Left, p.Legend.XOffs = true, true, 5.6*vg.Inch
	p.Legend.ThumbnailWidth = vg.Points(10)
	grid := plotter.NewGrid()
	grid.Horizontal.Width = 0
	p.Add(grid)
	width := vg.Points(7)
	for i, s := range slices.Backward(series) { // in the legend as in each group
		bars, err := plotter.NewBarChart(s.values, width)
		if err != nil {
			return err
		}
		bars.Horizontal = true
		bars.Width, bars.LineStyle.Width = width, 0
		bars.Color = s.color
		bars.Offset = width * vg.Length(float64(i)-1.5)
		p.Add(bars)
		p.Legend.Add(s.name, bars)
	}
	one, err := plotter.NewLine(plotter.XYs{{X: 1, Y: -0.5}, {X: 1, Y: float64(len(names)) - 0.5}})
	if err != nil {
		return err
	}
	p.Add(one)
	for _, style := range []*text.Style{&p.Title.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle} {
		style.Font.Variant = "Sans"
	}
	p.X.Max *= 1.2 // room for the legend
	out, err := p.WriterTo(8*vg.Inch, vg.Length(len(names))*36+vg.Inch, "svg")
	if err != nil {
		return err
	}
	var svg strings.Builder
	if _, err := out.WriteTo(&svg); err != nil {
		return err
	}
	// Few browsers have the font itself.
	_, err = io.WriteString(w, strings.ReplaceAll(svg.String(), family, family+",Arial,Helvetica,sans-serif"))
	return err
}

const family = "font-family:Liberation Sans"

// quarters returns a tick every 0.25, labelled every 0.5.
func quarters(lo, hi float64) (ticks []plot.Tick) {
	for i := int(math.Ceil(lo * 4)); float64(i)/4 <= hi; i++ {
		t := plot.Tick{Value: float64(i) / 4}
		if i%2 == 0 {
			t.Label = strconv.FormatFloat(t.Value, 'f', 1, 64)
		}
		ticks = append(ticks, t)
	}
	return ticks
}

// line returns the line of a benchmark and a peer, nil if there is none.
func (r *Results) line(benchmark, other string) *Line {
	for i := range r.Lines {
		if r.Lines[i].Benchmark == benchmark && r.Lines[i].Peer == other {
			return &r.Lines[i]
		}
	}
	return nil
}
