package optim

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

// golden is testdata/schedules.json, made by PyTorch (testdata/make_golden.py).
type golden struct {
	LR     float64 `json:"lr"`
	Cosine []struct {
		N     int       `json:"n"`
		MinLR float64   `json:"min_lr"`
		Rates []float64 `json:"rates"`
	} `json:"cosine"`
	WarmCosine []struct {
		N     int       `json:"n"`
		Warm  int       `json:"warm"`
		MinLR float64   `json:"min_lr"`
		Rates []float64 `json:"rates"`
	} `json:"warm_cosine"`
	OneCycle []struct {
		N        int       `json:"n"`
		PctStart float64   `json:"pct_start"`
		Div      float64   `json:"div"`
		Final    float64   `json:"final"`
		Rates    []float64 `json:"rates"`
	} `json:"onecycle"`
	Losses  []float64 `json:"losses"`
	Plateau []struct {
		Patience  int       `json:"patience"`
		Threshold float64   `json:"threshold"`
		Factor    float64   `json:"factor"`
		MinLR     float64   `json:"min_lr"`
		Rates     []float64 `json:"rates"`
	} `json:"plateau"`
}

func readGolden(t *testing.T) golden {
	t.Helper()
	b, err := os.ReadFile("testdata/schedules.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Cosine) == 0 || len(g.WarmCosine) == 0 || len(g.OneCycle) == 0 || len(g.Plateau) == 0 {
		t.Fatal("golden values are missing")
	}
	return g
}

func checkRates(t *testing.T, c Schedule, want []float64) {
	t.Helper()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	for s, w := range want {
		if got := c.Rate(float64(s), float64(len(want)), 0); math.Abs(got-w) > 1e-12*c.LR+1e-9*w {
			t.Errorf("%+v: rate %v at update %d of %d, PyTorch has %v", c, got, s, len(want), w)
		}
	}
}

func TestSchedulesArePyTorchs(t *testing.T) {
	g := readGolden(t)
	for _, x := range g.Cosine {
		checkRates(t, Schedule{Name: Cosine, LR: g.LR, MinLR: x.MinLR}, x.Rates)
	}
	for _, x := range g.WarmCosine {
		checkRates(t, Schedule{Name: Cosine, LR: g.LR, MinLR: x.MinLR, Warmup: float64(x.Warm) / float64(x.N)}, x.Rates)
	}
	for _, x := range g.OneCycle {
		checkRates(t, Schedule{Name: OneCycle, LR: g.LR, PctStart: x.PctStart, DivFactor: x.Div, FinalDivFactor: x.Final}, x.Rates)
	}
	for _, x := range g.Plateau {
		c, p := Schedule{Name: StepDown, LR: g.LR, MinLR: x.MinLR, Factor: x.Factor}, NewPlateau()
		drops := 0
		for i, w := range x.Rates {
			if got := c.Rate(float64(i), float64(len(x.Rates)), p.Drops); math.Abs(got-w) > 1e-9*w {
				t.Errorf("%+v: rate %v in epoch %d, PyTorch has %v", x, got, i, w)
			}
			p.Observe(g.Losses[i], x.Threshold)
			p.Drop(x.Patience)
			drops = p.Drops
		}
		if drops < 2 {
			t.Errorf("patience %d: %d drops only: the losses test nothing", x.Patience, drops)
		}
	}
}

// No rate of a schedule is above the highest or below 0, and warm-up rises.
func TestSchedulesStayInBounds(t *testing.T) {
	for _, name := range Schedules() {
		for _, n := range []float64{1, 2, 3, 7, 1000} {
			for _, warm := range []float64{0, 0.001, 0.3, 0.999} {
				c := Schedule{Name: name, LR: 0.1, MinLR: 1e-4, Warmup: warm, Factor: 0.5, PctStart: max(warm, 0.01), DivFactor: 25, FinalDivFactor: 1e4}
				last := 0.0
				for s := range int(n) {
					r := c.Rate(float64(s), n, 0)
					if !(r > 0 && r <= 0.1*(1+1e-12)) {
						t.Errorf("%s, warm-up %g: rate %v at update %d of %g", name, warm, r, s, n)
					}
					if name != OneCycle && float64(s) < warm*n-1 && r <= last {
						t.Errorf("%s, warm-up %g: rate %v at update %d of %g, %v before", name, warm, r, s, n, last)
					}
					last = r
				}
			}
		}
	}
}

func TestScheduleValidates(t *testing.T) {
	for want, change := range map[string]func(*Schedule){
		"schedule.name":             func(c *Schedule) { c.Name = "linear" },
		"schedule.warmup":           func(c *Schedule) { c.Warmup = 1 },
		"schedule.min_lr":           func(c *Schedule) { c.MinLR = 1 },
		"schedule.factor":           func(c *Schedule) { c.Name, c.Factor = StepDown, 1 },
		"schedule.pct_start":        func(c *Schedule) { c.Name, c.PctStart = OneCycle, 0 },
		"schedule.div_factor":       func(c *Schedule) { c.Name, c.DivFactor = OneCycle, 0.5 },
		"schedule.final_div_factor": func(c *Schedule) { c.Name, c.FinalDivFactor = OneCycle, math.NaN() },
	} {
		c := Schedule{Name: Cosine, LR: 0.1, Factor: 0.5, PctStart: 0.3, DivFactor: 25, FinalDivFactor: 1e4}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
}
