//! What can be asked.

use super::*;
use crate::kernel::QueryCode;
use crate::test_support::ask;
use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageRequest;
use cosmos_sdk_proto::cosmos::upgrade::v1beta1 as cosmos;
use jmes_proto::jmes::upgrade::v1 as proto;

#[test]
fn versions_of_all_modules_by_name() {
    let mut ctx = chain_at(100);
    conclude(&mut ctx, &[activate("premint", 2)]).unwrap();
    let path = "/jmes.upgrade.v1.Query/Versions";
    let answer: proto::QueryVersionsResponse =
        ask(&Upgrade, &ctx, path, &proto::QueryVersionsRequest {}).unwrap();
    assert_eq!(answer.versions.len(), order::MODULES.len());
    assert!(answer.versions.windows(2).all(|pair| pair[0].module < pair[1].module));
    let premint = answer.versions.iter().find(|version| version.module == "premint").unwrap();
    assert_eq!((premint.active, premint.latest), (2, 2));
    assert!(!answer.improvements_open);

    let path = "/cosmos.upgrade.v1beta1.Query/ModuleVersions";
    let all = cosmos::QueryModuleVersionsRequest::default();
    let answer: cosmos::QueryModuleVersionsResponse = ask(&Upgrade, &ctx, path, &all).unwrap();
    assert_eq!(answer.module_versions.len(), order::MODULES.len());
    let one = cosmos::QueryModuleVersionsRequest { module_name: "premint".into() };
    let answer: cosmos::QueryModuleVersionsResponse = ask(&Upgrade, &ctx, path, &one).unwrap();
    assert_eq!(answer.module_versions[0].version, 2);
    let none = cosmos::QueryModuleVersionsRequest { module_name: "chairs".into() };
    let refused = ask::<_, cosmos::QueryModuleVersionsResponse>(&Upgrade, &ctx, path, &none).unwrap_err();
    assert_eq!(refused.code, QueryCode::NotFound);
}

#[test]
fn the_plan_and_what_was_made() {
    let mut ctx = chain_at(100);
    let path = "/cosmos.upgrade.v1beta1.Query/CurrentPlan";
    let none: cosmos::QueryCurrentPlanResponse =
        ask(&Upgrade, &ctx, path, &cosmos::QueryCurrentPlanRequest {}).unwrap();
    assert_eq!(none.plan, None);
    conclude(&mut ctx, &[schedule("v2", 20_000)]).unwrap();
    let some: cosmos::QueryCurrentPlanResponse =
        ask(&Upgrade, &ctx, path, &cosmos::QueryCurrentPlanRequest {}).unwrap();
    let plan = some.plan.unwrap();
    assert_eq!((plan.name.as_str(), plan.height), ("v2", 20_000));
    let own: proto::QueryPlanResponse =
        ask(&Upgrade, &ctx, "/jmes.upgrade.v1.Query/Plan", &proto::QueryPlanRequest {}).unwrap();
    assert_eq!((own.plan, own.info), (Some(upgrade("v2", 20_000)), plan.info));

    state::DONE.save(&mut ctx, &"v1".into(), &50).unwrap();
    let path = "/cosmos.upgrade.v1beta1.Query/AppliedPlan";
    for (name, height) in [("v1", 50), ("v2", 0)] {
        let request = cosmos::QueryAppliedPlanRequest { name: name.into() };
        let answer: cosmos::QueryAppliedPlanResponse = ask(&Upgrade, &ctx, path, &request).unwrap();
        assert_eq!(answer.height, height);
    }
}

#[test]
fn changes_newest_first_unless_reversed() {
    let mut ctx = chain_at(100);
    for (height, seats) in [(110, "50"), (120, "60"), (130, "70")] {
        at(&mut ctx, height);
        conclude(&mut ctx, &[change("seats", "seats", seats)]).unwrap();
    }
    let heights = |reverse| {
        let pagination = Some(PageRequest { reverse, limit: 2, ..PageRequest::default() });
        let request = proto::QueryChangesRequest { pagination };
        let answer: proto::QueryChangesResponse =
            ask(&Upgrade, &ctx, "/jmes.upgrade.v1.Query/Changes", &request).unwrap();
        assert!(!answer.pagination.unwrap().next_key.is_empty());
        answer.changes.iter().map(|change| change.height).collect::<Vec<_>>()
    };
    assert_eq!(heights(false), [130, 120]);
    assert_eq!(heights(true), [110, 120]);
}
