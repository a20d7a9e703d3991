// The page begins: preferences, then who is here, then what the address names.

import { render } from "preact";

import { Page } from "./parts/Page";
import { begin } from "./store/app";
import { applyPreferences } from "./store/preferences";

applyPreferences();
const place = document.getElementById("page");
if (place) render(<Page />, place);
void begin();
