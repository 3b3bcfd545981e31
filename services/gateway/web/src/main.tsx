// The pages of Suyuan. Begins here; app.tsx says which page an address is.
import { render } from "preact";
import { App } from "./app";
import { startTheme } from "./frame/theme";
import { pickLang } from "./i18n/i18n";
import { startRouter, takeInvite } from "./lib/router";
import "./style/tokens.css";
import "./style/base.css";
import "./style/frame.css";
import "./style/parts.css";
import "./style/views.css";
import "./style/admin.css";
import "./style/office.css";
import "./style/social.css";
import "./style/listen.css";
import "./style/print.css";

startTheme();
pickLang();
startRouter();
takeInvite();
const root = document.getElementById("app");
if (root) render(<App />, root);
