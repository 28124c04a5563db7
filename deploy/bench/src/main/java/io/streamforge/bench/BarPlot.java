package io.streamforge.bench;

import java.util.Locale;
import java.util.Map;

/** Horizontal bars as SVG. */
final class BarPlot {

    private static final int LABELS = 300;
    private static final int BARS = 400;
    private static final int HEIGHT = 26;

    private BarPlot() {}

    static String svg(String title, Map<String, Double> bars) {
        double greatest = bars.values().stream().mapToDouble(bar -> bar).max().orElse(1);
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                        + " font-family=\"sans-serif\" font-size=\"13\">",
                LABELS + BARS + 90,
                HEIGHT * (bars.size() + 1) + 10);
        add(svg, "<text x=\"%d\" y=\"18\" font-weight=\"bold\">%s</text>", LABELS, title);
        int y = HEIGHT;
        for (Map.Entry<String, Double> bar : bars.entrySet()) {
            double width = bar.getValue() / greatest * BARS;
            add(
                    svg,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"
                            + "<rect x=\"%d\" y=\"%d\" width=\"%.0f\" height=\"%d\""
                            + " fill=\"#3b6ea5\"/><text x=\"%.0f\" y=\"%d\">%,.0f</text>",
                    LABELS - 8,
                    y + 18,
                    bar.getKey(),
                    LABELS,
                    y + 4,
                    width,
                    HEIGHT - 6,
                    LABELS + width + 6,
                    y + 18,
                    bar.getValue());
            y += HEIGHT;
        }
        return svg.append("</svg>\n").toString();
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
