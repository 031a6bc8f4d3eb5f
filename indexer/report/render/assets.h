// What the report's page is made with, as text: the files of indexer/report/assets and the plotting
// library uPlot, put into the program when it is built (cmake/embed_texts.cmake).
#pragma once

namespace vitrine {

extern const char* const kChartCss;
extern const char* const kReportCss;
extern const char* const kReportScript;
extern const char* const kPlotCss;
extern const char* const kPlotScript;

}  // namespace vitrine
